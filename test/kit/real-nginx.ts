/** Debian's nginx, as a web seed has it: files below a folder, over HTTP/1.1, with ranges. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { newFolder } from './real-folders.js'
import { RealProcess } from './real-process.js'
import { loopbackPlace, type SeedPlace } from './real-seeds.js'

export interface NginxPlan {
  /** The folder that it serves. */
  readonly root: string
  /** In bytes per second and connection; as fast as it can when absent. */
  readonly rate?: number
  /** Where it listens; any port when absent. */
  readonly place?: SeedPlace
}

export interface Nginx {
  /** With a slash at its end. */
  readonly url: string
  readonly place: SeedPlace
  readonly process: RealProcess
}

export async function startNginx(t: TestContext, plan: NginxPlan): Promise<Nginx> {
  const place = plan.place ?? (await loopbackPlace())
  const home = newFolder()
  const config = join(home, 'nginx.conf')
  writeFileSync(config, configuration(home, { ...plan, place }))
  const process = new RealProcess(t, { program: 'nginx', args: ['-p', home, '-e', 'stderr', '-c', config] })
  const url = `http://${place.host}:${place.port}/`
  await process.until(() =>
    fetch(url).then(
      () => true,
      () => false,
    ),
  )
  return { url, place, process }
}

/** One process in the foreground, all of whose files are in its home. */
function configuration(
  home: string,
  { root, rate = 0, place }: Required<Pick<NginxPlan, 'place'>> & NginxPlan,
): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `
    daemon off;
    master_process off;
    pid ${home}/pid;
    error_log stderr;
    events {}
    http {
      access_log off;
      ${temporary.map((name) => `${name}_temp_path ${home}/${name};`).join('\n')}
      server {
        listen ${place.host}:${place.port};
        root ${root};
        sendfile on;
        limit_rate ${rate};
      }
    }
  `
}
