"""Has libtorrent share a torrent of whose peers it hears in the DHT alone.

real-libtorrent-dht.py TORRENT_OR_LINK FOLDER HOST NODE_HOST:NODE_PORT
    Listens on any port of HOST, and begins with that node of the DHT. Prints "complete" when it has everything, and
    goes on seeding until it is ended.
"""
import sys

import libtorrent


def share(source, folder, host, node):
    session = libtorrent.session({
        'listen_interfaces': f'{host}:0',
        'enable_dht': True,
        'dht_bootstrap_nodes': node,
        # On one machine all nodes have one address, and a few dozen packets a second are no attack.
        'dht_restrict_routing_ips': False,
        'dht_restrict_search_ips': False,
        'dht_prefer_verified_node_ids': False,
        'dht_block_ratelimit': 1_000,
        'enable_lsd': False,
        'enable_upnp': False,
        'enable_natpmp': False,
        'enable_incoming_utp': False,
        'enable_outgoing_utp': False,
        'allow_multiple_connections_per_ip': True,
        'alert_mask': libtorrent.alert.category_t.status_notification,
    })
    if source.startswith('magnet:'):
        params = libtorrent.parse_magnet_uri(source)
    else:
        params = libtorrent.add_torrent_params()
        params.ti = libtorrent.torrent_info(source)
    params.save_path = folder
    params.flags &= ~(libtorrent.torrent_flags.paused | libtorrent.torrent_flags.auto_managed)
    params.flags |= libtorrent.torrent_flags.disable_pex
    handle = session.add_torrent(params)
    while True:
        # By itself it does so every quarter of an hour.
        handle.force_dht_announce()
        session.wait_for_alert(1000)
        for alert in session.pop_alerts():
            if isinstance(alert, libtorrent.torrent_finished_alert):
                print('complete', flush=True)


share(*sys.argv[1:])
