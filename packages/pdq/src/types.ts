/**
 * How a picture is prepared for the hash. `fullres` hashes every pixel (like python-threatexchange and HMA); `ref512nn`
 * first stretches a picture larger than 512 in either direction to 512x512 by nearest neighbour (like the C++ tool). On
 * photographs the two are 0 to 10 bits apart, so store the profile beside each hash.
 */
export type PdqProfile = "fullres" | "ref512nn"

/**
 * The computation of the hash. `exact` equals Meta's C++ implementation bit for bit. `fast` gives the same hash for
 * nearly every picture; where rounding could move it further than 4 bits away, in any orientation, or its quality
 * across 50, and for pictures with a side below 64, it hashes exactly.
 */
export type PdqKernel = "exact" | "fast"

/** A part of a picture, in whole pixels from its upper left corner. */
export interface PixelRectangle {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Description of a picture's bytes, and options for hashing. */
export interface HashOptions {
  /** Columns, 1 or more. */
  readonly width: number
  /** Rows, 1 or more. */
  readonly height: number
  /** Bytes per pixel: grey, RGB, or RGBA with alpha ignored. */
  readonly channels: 1 | 3 | 4
  /** `fullres` by default. */
  readonly profile?: PdqProfile | undefined
  /** `exact` by default. */
  readonly kernel?: PdqKernel | undefined
  /** Also computes the hashes of the picture turned and mirrored. */
  readonly dihedral?: boolean | undefined
  /** Hashes this part as if it were the picture, without copying it. */
  readonly crop?: PixelRectangle | undefined
}

/** The hash of one picture. */
export interface PdqHash {
  /** 32 bytes, bit 255 first; all zero for a picture with a side below 5. */
  readonly hash: Uint8Array
  /** 0 to 100; below 50 the picture has too little structure for its hash to be matched. */
  readonly quality: number
  readonly profile: PdqProfile
  readonly kernel: PdqKernel
  /**
   * Eight hashes of 32 bytes in the order of `DIHEDRAL_NAMES`, if requested. The first equals {@link hash}, except for
   * a picture of exactly 64x64: there Meta's dihedral routine filters but its plain one does not, and both are
   * reproduced.
   */
  readonly dihedral?: Uint8Array
}
