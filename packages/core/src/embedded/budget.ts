/** The remaining number of steps for walking structures; it decreases. */
export interface Budget {
  steps: number
}
