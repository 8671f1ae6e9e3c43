/** A seed's script that holds all blocks back until the test lets them through. */
import type { PeerScript } from './scripted-peer.js'

export interface BlockGate {
  readonly script: PeerScript
  /** From now on blocks are sent, those that were asked for before first. */
  open(): void
}

export function gate(): BlockGate {
  let isOpen = false
  const withheld: (() => void)[] = []
  return {
    script: {
      requested(link, request) {
        if (isOpen) link.sendBlock(request)
        else withheld.push(() => link.sendBlock(request))
      },
    },
    open() {
      isOpen = true
      for (const send of withheld.splice(0)) send()
    },
  }
}
