"""What tests ask of libtorrent.

real-libtorrent.py create KIND PATH TORRENT PIECE_BYTES [TRACKER]
    KIND is v1, padded, hybrid or v2. Prints the v1 info hash.
real-libtorrent.py share TORRENT FOLDER HOST:PORT UPLOAD_RATE [SETTINGS]
    Offers what FOLDER holds of the torrent, and fetches what it lacks. Prints "ready", "complete" when it has
    everything, and what trackers say: "announced" at each answer, "refused: REASON", "scraped COMPLETE INCOMPLETE".
    A rate of 0 has no limit. SETTINGS: more of them for the session, as JSON; "download_limit" is for the torrent, as that
    of a session does not count near by. On standard input, the line "count" has
    it print "uploaded BYTES", the line "scrape" has it scrape its tracker, "pieces" print "pieces COUNT", and "peers" a
    line for each peer, "peer" and its name and then "seed" and "upload_only" where they apply; the end of input ends it.
"""
import json
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


def share(torrent, folder, address, rate, settings='{}'):
    settings = json.loads(settings)
    download_limit = settings.pop('download_limit', 0)
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
        # On one machine all peers have the same address.
        'allow_multiple_connections_per_ip': True,
        # It would ask a tracker on a loopback address for nothing but /announce.
        'ssrf_mitigation': False,
        'alert_mask': libtorrent.alert.category_t.tracker_notification | libtorrent.alert.category_t.status_notification,
        **settings,
    })
    params = libtorrent.add_torrent_params()
    params.ti = libtorrent.torrent_info(torrent)
    params.save_path = folder
    params.upload_limit = int(rate)
    params.download_limit = download_limit
    params.flags &= ~(libtorrent.torrent_flags.paused | libtorrent.torrent_flags.auto_managed)
    handle = session.add_torrent(params)
    settled = (libtorrent.torrent_status.seeding, libtorrent.torrent_status.downloading)
    while handle.status().state not in settled:
        time.sleep(0.01)
    print('ready', flush=True)
    threading.Thread(target=answer_standard_input, args=(handle,), daemon=True).start()
    while True:
        session.wait_for_alert(1000)
        for alert in session.pop_alerts():
            tell(alert)


def tell(alert):
    if isinstance(alert, libtorrent.tracker_reply_alert):
        print('announced', flush=True)
    elif isinstance(alert, libtorrent.tracker_error_alert):
        print('refused:', alert.message(), flush=True)
    elif isinstance(alert, libtorrent.scrape_reply_alert):
        print('scraped', alert.complete, alert.incomplete, flush=True)
    elif isinstance(alert, libtorrent.torrent_finished_alert):
        print('complete', flush=True)


def traits(peer):
    return [name for name in ('seed', 'upload_only') if peer.flags & getattr(libtorrent.peer_info, name)]


def answer_standard_input(handle):
    for line in sys.stdin:
        if line == 'count\n':
            print('uploaded', handle.status().total_payload_upload, flush=True)
        elif line == 'scrape\n':
            handle.scrape_tracker()
        elif line == 'pieces\n':
            print('pieces', handle.status().num_pieces, flush=True)
        elif line == 'peers\n':
            for peer in handle.get_peer_info():
                print('peer', peer.client.decode(), *traits(peer), flush=True)
    os._exit(0)


{'create': create, 'share': share}[sys.argv[1]](*sys.argv[2:])
