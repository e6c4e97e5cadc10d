/** Version of this program, as its package.json says. */
export const VERSION = "0.1.0"
