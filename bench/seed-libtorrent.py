"""seed-libtorrent.py default|tuned TORRENT FOLDER PORT: libtorrent seeds on 127.0.0.1 until it is killed.

It believes that the data is complete. Says "ready" when it listens.
"""
import sys
import time

import libtorrent

PLAIN = {
    'enable_dht': False,
    'enable_lsd': False,
    'enable_upnp': False,
    'enable_natpmp': False,
    'in_enc_policy': 2,
    'out_enc_policy': 2,
    'alert_mask': 0,
    'allow_multiple_connections_per_ip': True,
    'unchoke_slots_limit': -1,
    'connections_limit': 2000,
}
TUNED = {
    'aio_threads': 2,
    'max_allowed_in_request_queue': 3000,
    'send_buffer_watermark': 3 << 20,
}

profile, torrent, folder, port = sys.argv[1:]
settings = {**PLAIN, **(TUNED if profile == 'tuned' else {}), 'listen_interfaces': f'127.0.0.1:{port}'}
session = libtorrent.session(settings)
params = libtorrent.add_torrent_params()
params.ti = libtorrent.torrent_info(torrent)
params.save_path = folder
params.flags |= libtorrent.torrent_flags.seed_mode
params.flags &= ~(libtorrent.torrent_flags.paused | libtorrent.torrent_flags.auto_managed)
handle = session.add_torrent(params)
while not (handle.status().is_seeding and session.is_listening()):
    time.sleep(0.01)
time.sleep(1)
print('ready', flush=True)
while True:
    time.sleep(60)
