/** The text that percent-encoding stands for. What is not well encoded stays as it is: a `%` may just be one. */
export function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
