"""Has libtorrent download what a magnet link names.

real-libtorrent-magnet.py LINK FOLDER HOST:PORT [SETTINGS]
    From the peer that is named, if it is not "-". Prints "metadata NAME" when the metadata is there, and "complete"
    when all is; ends then. SETTINGS: more of them for the session, as JSON.
"""
import json
import sys

import libtorrent


def fetch(link, folder, address, settings='{}'):
    session = libtorrent.session({
        'listen_interfaces': '127.0.0.1:0',
        'enable_dht': False,
        'enable_lsd': False,
        'enable_upnp': False,
        'enable_natpmp': False,
        'enable_incoming_utp': False,
        'enable_outgoing_utp': False,
        'alert_mask': libtorrent.alert.category_t.status_notification,
        **json.loads(settings),
    })
    params = libtorrent.parse_magnet_uri(link)
    params.save_path = folder
    handle = session.add_torrent(params)
    if address != '-':
        host, port = address.rsplit(':', 1)
        handle.connect_peer((host, int(port)))
    while True:
        session.wait_for_alert(1000)
        for alert in session.pop_alerts():
            if isinstance(alert, libtorrent.metadata_received_alert):
                print('metadata', handle.torrent_file().name(), flush=True)
            elif isinstance(alert, libtorrent.torrent_finished_alert):
                print('complete', flush=True)
                return


fetch(*sys.argv[1:])
