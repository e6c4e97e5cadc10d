/** A picture of waves, 4:2:0, whose sides are not whole blocks: its decoded pixels identify a decoder's arithmetic. */
export const PROBE = {
  width: 37,
  height: 23,
  bytes: Buffer.from(
    [
      "/9j/2wBDAA4KCw0LCQ4NDA0QDw4RFiQXFhQUFiwgIRokNC43NjMuMjI6QVNGOj1OPjIySGJJTlZYXV5dOEVmbWVabFNbXVn/2wBDAQ8QEBYTFi",
      "oXFypZOzI7WVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVn/wAARCAAXACUDASIAAhEBAxEB/8QAGQAB",
      "AAMBAQAAAAAAAAAAAAAAAAIEBQMG/8QAKhAAAQMCBAUDBQAAAAAAAAAAAQACAwQRBRITISIxUYGhBjJBFUJhcZH/xAAYAQEBAAMAAAAAAAAAAA",
      "AAAAAFBgEEB//EACQRAAIBAwMDBQAAAAAAAAAAAAECAAMEEQUSIROh4SIxUWHw/9oADAMBAAIRAxEAPwDPp4Rl5KFRDccldhHCFPRznknLmpgk",
      "xnU70WtPaJ51+Harvar9F6fzkcCvz1NPQyiLTM89r5Gmwb+z8bKzS/Uau15TC24IbEMttuvPygLyvU25BwIBYda4fqHgfc6w+mhk9nhFJ2F0tP",
      "Zk80MTiLgPeGm3dFMtUcnIft5lP1tvAft5mbTuuAumI1jqGmZpZdeYlrL/AGj5Pbb+oi6LcKGqAGSmrE1LsI3tI4BhAeW7BaZrZJSYqAiKHlqW",
      "43dbdB527Iilb1i7sW5xGNNUFXc84xM+ojoKF7YqqYRvLcwGUnbsPwiItOnQFRQxY8zOHqesuef3xP/Z",
    ].join(""),
    "base64",
  ),
}

/** SHA-256 of its RGB pixels as decoded by sharp 0.35.5. */
export const PROBE_PIXELS_SHA256 = "98cbee837b801658c6748d532b284d34ae133848e9327c26c073486a87dfd170"
