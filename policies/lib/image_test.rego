package auditor.lib.image_test

import data.auditor.lib.image

test_docker_hub_has_two_names if {
	image.parse("nginx") == {"registry": "docker.io", "repository": "library/nginx", "tag": "", "digest": ""}
	image.parse("index.docker.io/a/b:1") == {"registry": "docker.io", "repository": "a/b", "tag": "1", "digest": ""}
	image.parse("docker.io/nginx:1") == {"registry": "docker.io", "repository": "library/nginx", "tag": "1", "digest": ""}
}

test_a_port_is_no_tag if {
	image.parse("localhost:5000/web").registry == "localhost:5000"
	image.parse("localhost:5000").tag == "5000"
	image.parse("localhost/web") == {"registry": "localhost", "repository": "web", "tag": "", "digest": ""}
	image.parse("[::1]:5000/a/b:2").repository == "a/b"
}

test_upper_case_is_a_host if {
	image.parse("Registry/web:1") == {"registry": "Registry", "repository": "web", "tag": "1", "digest": ""}
}
