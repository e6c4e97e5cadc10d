/** A picture of one point. */
export const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="

/** The same as a `data:` URL. */
export const PIXEL_URL = `data:image/png;base64,${PIXEL}`
