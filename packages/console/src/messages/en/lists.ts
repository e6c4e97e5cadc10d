/** Words of the lists' page, and of the switch between lists and policies. */
export const lists = {
  places: { label: "Lists and policies", lists: "Lists", policies: "Policies" },
} as const
