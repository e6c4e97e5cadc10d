/**
 * What an answer or a body holds, by its schema in the contract: `Of<typeof CaseList>`. Types alone: no schema is shipped
 * to the browser.
 */
export type Of<Schema extends { readonly _zod: { readonly output: unknown } }> = Schema["_zod"]["output"]
