/** Version of this server, equal to the one in its package.json. */
export const VERSION = "0.1.0"
