/** Name and version of what wrote a document. */
export const TOOL = "nightlight 0.1.0"
