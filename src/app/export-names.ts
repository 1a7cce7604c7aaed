// What `export` can be asked for by name. Apart from the use case, so that a command's help needs no store and no library.

export { READABLE_VIEWS as EXPORTABLE } from '../store/views.js';
export { EXPORT_FORMATS, isTextFormat } from '../export/format.js';

/** "-" as the output is standard output. */
export const STDOUT = '-';
