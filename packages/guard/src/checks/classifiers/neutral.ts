/**
 * Puts a space into whatever a model would read as the frame of a prompt (special tokens and prompt marks), so that the
 * words stay and the frame does not.
 */
export function neutral(text: string): string {
  return text
    .replace(/<(?=\s*[|｜])/g, "< ")
    .replace(/[|｜](?=\s*>)/g, "| ")
    .replace(/<(?=\s*\/?\s*(?:BEGIN|END)\b)/gi, "< ")
    .replace(/\[(?=\s*\/?\s*INST\b)/gi, "[ ")
}
