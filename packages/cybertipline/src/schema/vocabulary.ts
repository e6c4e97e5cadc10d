/** Kinds of incidents, in the words of the schema. */
export const INCIDENT_TYPES = [
  "Child Pornography (possession, manufacture, and distribution)",
  "Child Sex Trafficking",
  "Child Sex Tourism",
  "Child Sexual Molestation",
  "Misleading Domain Name",
  "Misleading Words or Digital Images on the Internet",
  "Online Enticement of Children for Sexual Acts",
  "Unsolicited Obscene Material Sent to a Child",
] as const

/** Annotations of a report in the published schema. */
export const REPORT_ANNOTATIONS = [
  "sextortion",
  "csamSolicitation",
  "minorToMinorInteraction",
  "spam",
  "sadisticOnlineExploitation",
] as const

/** Annotations of a report that the 2026 documentation is reported to add. */
export const REPORT_ANNOTATIONS_2026 = ["informational", "potentialAggravatingFactors", "instrumentalUse"] as const

/** Annotations of a file. `generativeAi` says that the file is believed to be made by AI, not who found it. */
export const FILE_ANNOTATIONS = [
  "animeDrawingVirtualHentai",
  "potentialMeme",
  "viral",
  "possibleSelfProduction",
  "physicalHarm",
  "violenceGore",
  "bestiality",
  "liveStreaming",
  "infant",
  "generativeAi",
] as const

/** The industry's classification of a file; for those who joined the industry hash sharing platform. */
export const INDUSTRY_CLASSIFICATIONS = ["A1", "A2", "B1", "B2"] as const

/** Relevance of a file to its report; `Reported` by default. */
export const FILE_RELEVANCES = ["Reported", "Supplemental Reported"] as const

/** Why reports are batched. */
export const BATCH_REASONS = ["VIRAL_POTENTIAL_MEME"] as const

/** Events of an account at an address or on a device. */
export const IP_EVENT_NAMES = ["Login", "Registration", "Purchase", "Upload", "Other", "Unknown"] as const

/** Kinds of e-mail addresses. */
export const EMAIL_TYPES = ["Home", "Work", "Business", "Recovery"] as const

/** Kinds of telephone numbers. */
export const PHONE_TYPES = ["Mobile", "Home", "Business", "Work", "Fax", "Internet", "Recovery"] as const

/** Kinds of postal addresses. */
export const ADDRESS_TYPES = ["Home", "Business", "Billing", "Shipping", "Technical"] as const

/** How an account is tied to a person who was reported. */
export const ASSOCIATED_ACCOUNT_TYPES = [
  "Billing",
  "Linked",
  "Business",
  "Creator",
  "Parent/Guardian",
  "Other",
] as const

/** Kinds of details of a file. */
export const DETAIL_TYPES = ["EXIF", "HASH"] as const
