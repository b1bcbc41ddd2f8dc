import fc from 'fast-check';

/**
 * Loaded by mocha before any test. Random cases are new on every run of a developer, who can look into what they
 * find; where `CI` is set they are the same ones each time, so that a red run tells of the change that it judges.
 * A failure prints its seed either way.
 */
const FIXED_SEED = 29_943_531;

if (process.env['CI']) fc.configureGlobal({ seed: FIXED_SEED });
