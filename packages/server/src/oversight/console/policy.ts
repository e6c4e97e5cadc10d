/**
 * The content security policy of the console's page.
 * @module
 */

/**
 * The content security policy of one answer: scripts, styles and fonts of our own files, calls to our own origin,
 * nothing else. Pictures come from files alone, since viewed items are painted on a canvas. Markup goes through the one
 * trusted-types policy that the console makes, which lets no tag through.
 *
 * @param nonce - Of this answer: style elements with it are accepted, which a component library makes.
 */
export function pagePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types default",
  ].join("; ")
}
