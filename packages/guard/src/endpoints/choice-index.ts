/** The index that a choice of an answer gives itself, before its fields are checked; 0 where it gives none. */
export function choiceIndexOf(choice: unknown): number {
  const index = (choice as { readonly index?: unknown } | null)?.index
  return typeof index === "number" ? index : 0
}
