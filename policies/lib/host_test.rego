package auditor.lib.host_test

import data.auditor.lib.host

test_a_host_outside if {
	host.is_plain_and_outside("http://user@shop.example.org:8080/a")
}

test_hosts_inside if {
	not host.is_plain_and_outside("http://shop.shop.svc/a")
	not host.is_plain_and_outside("http://shop.shop.svc.cluster.local/a")
	not host.is_plain_and_outside("http://127.0.0.1:8080/a")
	not host.is_plain_and_outside("http://shop/a")
}

test_other_addresses if {
	not host.is_plain_and_outside("https://shop.example.org/a")
	not host.is_plain_and_outside("http://${HOST}.example.org/a")
}

test_short_names_of_services if {
	not host.is_plain_and_outside("http://alertmanager.monitoring:9093/api/v2/alerts/")
	host.is_plain_and_outside("http://example.org/a")
	host.is_plain_and_outside("http://example.de/a")
	host.is_plain_and_outside("http://shop.team.monitoring/a")
}
