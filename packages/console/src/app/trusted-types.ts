/**
 * What the page may write as markup. Its security policy takes markup, scripts and their addresses from trusted types
 * alone; this is the only policy of such, and it lets through text without a tag: the styles that the component library
 * writes. Scripts and addresses of scripts it makes none.
 * @module
 */

interface TrustedTypes {
  createPolicy(name: string, rules: { readonly createHTML: (text: string) => string | null }): unknown
}

const page = globalThis as { readonly trustedTypes?: TrustedTypes; __zod_globalConfig?: { jitless?: boolean } }

/** Makes the policy; before anything is rendered. Browsers without trusted types hold to the rest of the page's policy. */
export function allowStylesAlone(): void {
  page.trustedTypes?.createPolicy("default", { createHTML: (text) => (text.includes("<") ? null : text) })
  // Zod tries whether it may make functions of text, which the policy refuses and reports; it is told before.
  page.__zod_globalConfig = Object.assign(page.__zod_globalConfig ?? {}, { jitless: true })
}
