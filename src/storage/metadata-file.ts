/**
 * The .torrent of a magnet link's metadata, kept beside the data until the download is complete, so that the
 * next run need not ask peers for it again. What is found there may be anything: it is the reader's to check.
 */
import { LIMITS } from '../config.js'
import { WRAPPING_BYTES } from '../metainfo/wrap-info.js'
import { OutputFolder } from './output-folder.js'
import { ResumeFile } from './resume-file.js'

export class MetadataFile {
  readonly #folder: OutputFolder
  readonly #file: ResumeFile

  constructor(folder: string, infoHashHex: string) {
    this.#folder = new OutputFolder(folder)
    this.#file = new ResumeFile(this.#folder, infoHashHex, 'torrent')
  }

  /** Undefined when there is none that could be read. */
  async read(): Promise<Uint8Array | undefined> {
    return (await this.#file.read(LIMITS.metadataBytes + WRAPPING_BYTES))?.bytes
  }

  /** Replaces it, and makes the folder unless it is there. Rejects with StorageError. */
  async write(torrent: Uint8Array): Promise<void> {
    await this.#folder.prepare()
    await this.#file.replace(async () => torrent)
  }

  /** Removes it, if it is there. Rejects with StorageError. */
  async remove(): Promise<void> {
    await this.#file.remove()
  }
}
