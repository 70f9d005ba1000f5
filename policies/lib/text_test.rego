package auditor.lib.text_test

import data.auditor.lib.text

test_placeholders_are_not_known if {
	not text.is_known("${TAG}")
	not text.is_known("{{ .Values.tag }}")
	not text.is_known(1)
	text.is_known("1.4.2")
}

test_names_in_pointers if {
	text.entry_key(0, {"name": "web"}) == "[name=web]"
	text.entry_key(0, {"name": "a b"}) == `[name="a b"]`
	text.entry_key(0, {"name": ""}) == `[name=""]`
	text.entry_key(3, {"port": 1}) == "[3]"
}

test_what_is_no_text_is_said_so if {
	text.plain(1) == "(no text)"
	text.plain("web") == "web"
}
