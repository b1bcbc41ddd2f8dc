/**
 * The grammar of key filters that a binding may use: the documented grammar of App Configuration list calls,
 * without its corners that select more than they seem to (the store reads `*abc` as "any key").
 *
 *     filter = "*" | prefix "*" | key *4( "," key )
 *     key, prefix = 1*( plain | "\" any )        plain = anything but * , \ and control characters
 */
const CHARACTER = String.raw`([^*,\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])`;

/** A store answers a sixth member with 400 `Too many values. Maximum supported is 5`. */
export const KEY_FILTER_MAX_MEMBERS = 5;

/** Common subset of RE2 and JavaScript. */
export const KEY_FILTER_PATTERN = `^([*]|${CHARACTER}+[*]|${CHARACTER}+(,${CHARACTER}+){0,${KEY_FILTER_MAX_MEMBERS - 1}})$`;

/** What the keys of feature flags start with; the rest is the name of the flag. */
export const FLAG_PREFIX = '.appconfig.featureflag/';
