/** The judge of addresses, loaded when it is needed first since it costs some milliseconds of start-up, and once. */
let loading: Promise<typeof import('./address-kind.js')> | undefined

export function loadAddressKind(): Promise<typeof import('./address-kind.js')> {
  loading ??= import('./address-kind.js')
  return loading
}
