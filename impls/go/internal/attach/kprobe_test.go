package attach

import "testing"

func TestFunctionsAreFoundByTheirWholeName(t *testing.T) {
	symbols := []byte("0000000000000000 T __x64_sys_openat2\n0000000000000000 t sys_fillrect\t[fb]\n0000000000000000 D sys_call_table\n")
	for name, want := range map[string]bool{
		"__x64_sys_openat2": true, "sys_fillrect": true, "sys_openat2": false, "sys_call": false, "sys_call_table": true,
	} {
		if isListed(symbols, name) != want {
			t.Errorf("%s: not %t", name, want)
		}
	}
}
