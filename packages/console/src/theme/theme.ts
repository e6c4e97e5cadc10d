/**
 * Maps the console's design tokens to Mantine: one accent colour, thin lines, no shadows.
 * @module
 */
import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from "@mantine/core"

/** Deep teal. Shade 8 is the light theme's accent, shade 4 the dark theme's. */
const teal: MantineColorsTuple = [
  "#e3efed",
  "#c6e0de",
  "#a3cfcd",
  "#7fc0bf",
  "#5fb3b3",
  "#3f9a9a",
  "#2a8585",
  "#1b7777",
  "#0f6b6b",
  "#0a5252",
] as unknown as MantineColorsTuple

/** Brick red, for irreversible actions only. */
const brick: MantineColorsTuple = [
  "#f8e6e2",
  "#f0cdc5",
  "#e9b1a5",
  "#e79c8c",
  "#e58a78",
  "#d0654f",
  "#ba4f3b",
  "#ad4431",
  "#a03a2a",
  "#7d2c1f",
] as unknown as MantineColorsTuple

/** The dark theme's greys, which Mantine uses for fields, borders and menus. */
const dark: MantineColorsTuple = [
  "#e8e6e1",
  "#c9ccd0",
  "#9aa3af",
  "#828a96",
  "#3b424d",
  "#22272f",
  "#1b1f26",
  "#14171c",
  "#101318",
  "#0c0f13",
] as unknown as MantineColorsTuple

/**
 * Text on a filled shape has the ink token of its colour; Mantine's own choice considers only the light theme's shade.
 */
const variantColorResolver: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input)
  if (input.variant !== "filled") return colors
  return { ...colors, color: input.color === "brick" ? "var(--brick-ink)" : "var(--accent-ink)" }
}

/** The light theme's greys, as warm as its background. */
const gray: MantineColorsTuple = [
  "#fbfaf7",
  "#f3f1ea",
  "#ebe8e0",
  "#e4e1da",
  "#d5d1c8",
  "#b9b5ac",
  "#8a8f98",
  "#5a6270",
  "#3c4350",
  "#1f2430",
] as unknown as MantineColorsTuple

/** The Mantine theme of every page. */
export const theme = createTheme({
  fontFamily: "var(--font)",
  fontFamilyMonospace: "var(--mono)",
  fontSizes: { xs: "13px", sm: "13px", md: "15px", lg: "20px", xl: "28px" },
  lineHeights: { xs: "18px", sm: "18px", md: "22px", lg: "28px", xl: "36px" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  defaultRadius: 6,
  colors: { teal, brick, dark, gray },
  primaryColor: "teal",
  primaryShade: { light: 8, dark: 4 },
  autoContrast: true,
  variantColorResolver,
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "sm" } },
    Modal: {
      defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.5 }, transitionProps: { duration: 0 } },
    },
    Drawer: { defaultProps: { transitionProps: { duration: 0 } } },
    Tooltip: { defaultProps: { openDelay: 300, transitionProps: { duration: 0 } } },
    Menu: { defaultProps: { transitionProps: { duration: 0 } } },
  },
})

/** Sets Mantine's own colour variables to the console's tokens, in both themes. */
export const variables: CSSVariablesResolver = () => {
  const both = {
    "--mantine-color-body": "var(--paper)",
    "--mantine-color-text": "var(--ink)",
    "--mantine-color-dimmed": "var(--ink-2)",
    "--mantine-color-anchor": "var(--accent)",
    "--mantine-color-error": "var(--brick)",
    "--mantine-color-default": "var(--raised)",
    "--mantine-color-default-hover": "var(--sunken)",
    "--mantine-color-default-color": "var(--ink)",
    "--mantine-color-default-border": "var(--edge)",
    "--mantine-color-placeholder": "var(--ink-2)",
    "--mantine-color-teal-filled": "var(--accent)",
    "--mantine-color-teal-filled-hover": "var(--accent)",
    "--mantine-color-teal-light": "var(--accent-wash)",
    "--mantine-color-teal-light-hover": "var(--accent-wash)",
    "--mantine-color-teal-light-color": "var(--accent)",
    "--mantine-color-teal-outline": "var(--accent)",
    "--mantine-color-brick-filled": "var(--brick)",
    "--mantine-color-brick-filled-hover": "var(--brick)",
    "--mantine-color-brick-light": "var(--brick-wash)",
    "--mantine-color-brick-light-color": "var(--brick)",
    "--mantine-color-brick-outline": "var(--brick)",
    "--mantine-primary-color-contrast": "var(--accent-ink)",
    "--mantine-color-teal-contrast": "var(--accent-ink)",
  }
  return { variables: {}, light: both, dark: both }
}
