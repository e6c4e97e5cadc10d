/**
 * Takes from a text what a model would read as the frame around it: special tokens and the marks of a prompt. They are
 * cut apart by a space, so that the words stay.
 */
export function neutral(text: string): string {
  return text
    .replace(/<(?=\s*[|｜])/g, "< ")
    .replace(/[|｜](?=\s*>)/g, "| ")
    .replace(/<(?=\s*\/?\s*(?:BEGIN|END)\b)/gi, "< ")
    .replace(/\[(?=\s*\/?\s*INST\b)/gi, "[ ")
}
