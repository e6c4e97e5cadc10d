/**
 * What the page may write as markup. Its security policy takes markup, scripts and their addresses from trusted types
 * alone; this is the only policy of such, and it lets through text without a tag: the styles that the component library
 * writes. Scripts and addresses of scripts it makes none.
 * @module
 */

interface TrustedTypes {
  createPolicy(name: string, rules: { readonly createHTML: (text: string) => string | null }): unknown
}

const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes }

/** Makes the policy; before anything is rendered. Browsers without trusted types hold to the rest of the page's policy. */
export function allowStylesAlone(): void {
  trustedTypes?.createPolicy("default", { createHTML: (text) => (text.includes("<") ? null : text) })
}
