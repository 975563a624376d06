/** How large packages may be: what is exported can be installed. */

/** Most bytes of an archive. */
export const MAX_ARCHIVE_BYTES = 256 * 1024 * 1024;
/** Most bytes of all files together, unpacked. */
export const MAX_BYTES = 256 * 1024 * 1024;
/** Most files and folders. */
export const MAX_ENTRIES = 20_000;
/** Most bytes unpacked for one packed. */
export const MAX_RATIO = 200;
