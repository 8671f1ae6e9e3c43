/** The parts of the package `bencode` that are used here; it brings no types of its own. */
declare module 'bencode' {
  export function encode(value: unknown): Uint8Array
  export const decode: {
    (bytes: Uint8Array): unknown
    /** The package's working copy of the last input, which it would keep for ever. */
    data: Uint8Array | null
  }
  const bencode: { readonly encode: typeof encode; readonly decode: typeof decode }
  // biome-ignore lint/style/noDefaultExport: it is how the package exports itself
  export default bencode
}
