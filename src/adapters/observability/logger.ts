import winston from 'winston';
import type { LogFields, Logger } from '../../ports/logger.ts';
import { redact } from './redact.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Where lines go, e.g. `process.stdout`. */
  readonly stream: NodeJS.WritableStream;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * One JSON object per line: `time`, `level`, `message`, then the fields, copied and redacted.
 *
 * The fields are handed to winston as one finished line. Given as metadata, winston would lose message and stack of a
 * nested error, append a field `message` to the message, and change the caller's objects where a format redacts.
 */
export function createLogger({ level, now, stream }: LoggerOptions): Logger {
  const sink = winston.createLogger({
    level,
    format: winston.format.printf((info) => String(info.message)),
    transports: [new winston.transports.Stream({ stream })],
  });
  return loggerOver(sink, now, {});
}

function loggerOver(sink: winston.Logger, now: () => number, bound: LogFields): Logger {
  const log = (level: LogLevel, message: string, fields: LogFields = {}): void => {
    if (!sink.isLevelEnabled(level)) return;
    sink.log(level, lineOf(level, message, { ...bound, ...fields }, now()));
  };
  return {
    debug: (message, fields) => log('debug', message, fields),
    info: (message, fields) => log('info', message, fields),
    warn: (message, fields) => log('warn', message, fields),
    error: (message, fields) => log('error', message, fields),
    child: (fields) => loggerOver(sink, now, { ...bound, ...fields }),
  };
}

function lineOf(level: LogLevel, message: string, fields: LogFields, now: number): string {
  const head = { time: new Date(now).toISOString(), level, message };
  // The head comes last in the merge, so that a field cannot pretend to be the message.
  return JSON.stringify({ ...head, ...copyOf(fields), ...head });
}

/** A getter that throws must not take the caller down with it. */
function copyOf(fields: LogFields): object {
  try {
    const copy = redact(fields);
    return typeof copy === 'object' && copy !== null ? copy : {};
  } catch {
    return { fields: '[unreadable]' };
  }
}
