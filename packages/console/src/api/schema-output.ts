/** The output type of a contract schema: `Of<typeof CaseList>`. Types only: no schema is shipped to the browser. */
export type SchemaOutput<Schema extends { readonly _zod: { readonly output: unknown } }> = Schema["_zod"]["output"]
