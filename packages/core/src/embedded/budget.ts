/** Steps that walks over structures may still take: what is left of them falls. */
export interface Budget {
  steps: number
}
