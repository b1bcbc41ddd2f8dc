/** The version of this program; equal to package.json's and to the chart's appVersion (a test compares them). */
export const VERSION = '0.1.0';
