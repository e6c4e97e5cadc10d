/**
 * The page's only trusted-types policy. The content security policy demands trusted types for markup, scripts and
 * script URLs; this policy passes text without a tag, which the component library's styles need, and creates no script
 * or script URL.
 * @module
 */

interface TrustedTypes {
  createPolicy(name: string, rules: { readonly createHTML: (text: string) => string | null }): unknown
}

const page = globalThis as { readonly trustedTypes?: TrustedTypes; __zod_globalConfig?: { jitless?: boolean } }

/**
 * Installs the policy; call it before anything is rendered. Browsers without trusted types keep the rest of the content
 * security policy.
 */
export function allowStylesAlone(): void {
  page.trustedTypes?.createPolicy("default", { createHTML: (text) => (text.includes("<") ? null : text) })
  // Without this, Zod probes whether it may compile functions from text, which the policy refuses and reports.
  page.__zod_globalConfig = Object.assign(page.__zod_globalConfig ?? {}, { jitless: true })
}
