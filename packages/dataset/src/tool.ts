/** Name and version of the tool that wrote a document. */
export const TOOL = "nightlight 0.1.0"
