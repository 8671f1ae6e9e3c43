import { createSocket, type Socket } from 'node:dgram'

/**
 * An IPv4 socket on that port, or on any other when it cannot be had. Rejects with the system's error when there
 * is none at all.
 */
export async function bindUdp(port: number): Promise<Socket> {
  try {
    return await bindTo(port)
  } catch (error) {
    if (port === 0 || !TAKEN.has((error as NodeJS.ErrnoException).code ?? '')) throw error
    return await bindTo(0)
  }
}

const TAKEN: ReadonlySet<string> = new Set(['EADDRINUSE', 'EACCES'])

function bindTo(port: number): Promise<Socket> {
  const socket = createSocket('udp4')
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close()
      reject(error)
    })
    socket.bind(port, () => {
      socket.removeAllListeners('error')
      resolve(socket)
    })
  })
}
