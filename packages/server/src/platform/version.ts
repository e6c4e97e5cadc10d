/** Version of this server, as its package.json says. */
export const VERSION = "0.1.0"
