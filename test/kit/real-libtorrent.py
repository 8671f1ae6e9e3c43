"""What tests ask of libtorrent.

real-libtorrent.py create KIND PATH TORRENT PIECE_BYTES [TRACKER]
    KIND is v1, padded, hybrid or v2. Prints the v1 info hash.
real-libtorrent.py share TORRENT FOLDER HOST:PORT UPLOAD_RATE
    Offers what FOLDER holds of the torrent, all of it or parts. Prints "ready", and "announced" whenever a tracker
    has answered. A rate of 0 has no limit. Ends when standard input does.
"""
import os
import sys
import threading
import time

import libtorrent

KINDS = {
    'v1': libtorrent.create_torrent.v1_only,
    'padded': libtorrent.create_torrent.v1_only | libtorrent.create_torrent.canonical_files,
    'hybrid': 0,
    'v2': libtorrent.create_torrent.v2_only,
}


def create(kind, path, torrent, piece_bytes, tracker=None):
    path = os.path.abspath(path)
    files = libtorrent.file_storage()
    libtorrent.add_files(files, path)
    made = libtorrent.create_torrent(files, int(piece_bytes), KINDS[kind])
    if tracker:
        made.add_tracker(tracker)
    libtorrent.set_piece_hashes(made, os.path.dirname(path))
    with open(torrent, 'wb') as out:
        out.write(libtorrent.bencode(made.generate()))
    print(libtorrent.torrent_info(torrent).info_hashes().v1)


def share(torrent, folder, address, rate):
    threading.Thread(target=end_with_standard_input, daemon=True).start()
    session = libtorrent.session({
        'listen_interfaces': address,
        'enable_dht': False,
        'enable_lsd': False,
        'enable_upnp': False,
        'enable_natpmp': False,
        'enable_incoming_utp': False,
        'enable_outgoing_utp': False,
        # A tracker tells a seed of itself, and one that dials itself bans its own address, which is ours as well.
        'seeding_outgoing_connections': False,
        'alert_mask': libtorrent.alert.category_t.tracker_notification,
    })
    params = libtorrent.add_torrent_params()
    params.ti = libtorrent.torrent_info(torrent)
    params.save_path = folder
    params.upload_limit = int(rate)
    params.flags &= ~(libtorrent.torrent_flags.paused | libtorrent.torrent_flags.auto_managed)
    handle = session.add_torrent(params)
    settled = (libtorrent.torrent_status.seeding, libtorrent.torrent_status.downloading)
    while handle.status().state not in settled:
        time.sleep(0.01)
    print('ready', flush=True)
    while True:
        session.wait_for_alert(1000)
        for alert in session.pop_alerts():
            if isinstance(alert, libtorrent.tracker_reply_alert):
                print('announced', flush=True)


def end_with_standard_input():
    sys.stdin.buffer.read()
    os._exit(0)


{'create': create, 'share': share}[sys.argv[1]](*sys.argv[2:])
