"""
The functions that an exported Go test brings along: what stands in for driftcheck, and how values are shown.

Text alone; `go_file` chooses the parts that a test uses.
"""

from __future__ import annotations

from collections.abc import Collection

import attrs

from driftcheck.codegen import go_names
from driftcheck.codegen.go_values import go_type
from driftcheck.contract.schema import Schema
from driftcheck.export.go_one_form import GoOneForm

CHILD = "DRIFTCHECK_CHILD"  # the variable that makes a test binary perform the steps


@attrs.frozen
class Helper:
    """A piece of Go, and what it imports."""

    text: str
    imports: frozenset[str] = frozenset()


HELPERS = {
    "acceptedWith": Helper(
        """func acceptedWith(value any) string {
	if value == nil {
		return "accepted"
	}
	return "accepted: " + shown(value)
}"""
    ),
    "rejectedWith": Helper(
        """func rejectedWith(class string, detail any) string {
	if detail == nil {
		return "rejected: " + class
	}
	return "rejected: " + class + ", " + shown(detail)
}"""
    ),
    "rejection": Helper(
        """// A rejection is an error that the contract knows. class is its name there.
type rejection struct {
	class  string
	detail any
}

func (r *rejection) Error() string { return r.class }

func (r *rejection) Is(target error) bool {
	other, ok := target.(*rejection)
	return ok && other.class == r.class
}"""
    ),
    "shown": Helper(
        """// shown returns a value in one line. Bytes that are no readable text are in hexadecimal.
func shown(value any) string { return shownValue(reflect.ValueOf(value)) }

func shownValue(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Invalid:
		return "null"
	case reflect.Pointer, reflect.Interface:
		return shownValue(v.Elem())
	case reflect.Struct:
		fields := make([]string, v.NumField())
		for i := range fields {
			fields[i] = v.Type().Field(i).Name + ": " + shownValue(v.Field(i))
		}
		return v.Type().Name() + "{" + strings.Join(fields, ", ") + "}"
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return shownBytes(v.Bytes())
		}
		items := make([]string, v.Len())
		for i := range items {
			items[i] = shownValue(v.Index(i))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case reflect.Map:
		var pairs []string
		for _, key := range v.MapKeys() {
			pairs = append(pairs, shownValue(key)+": "+shownValue(v.MapIndex(key)))
		}
		sort.Strings(pairs)
		return "{" + strings.Join(pairs, ", ") + "}"
	case reflect.String:
		return strconv.Quote(v.String())
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	case reflect.Int:
		return fmt.Sprintf("%s(%d)", v.Type().Name(), v.Int())
	}
	return fmt.Sprint(v.Interface())
}

func shownBytes(data []byte) string {
	for _, r := range string(data) {
		if r == utf8.RuneError || !strconv.IsPrint(r) {
			return fmt.Sprintf("[% x]", data)
		}
	}
	return "b" + strconv.Quote(string(data))
}""",
        frozenset({"fmt", "reflect", "sort", "strconv", "strings", "unicode/utf8"}),
    ),
    "patternOf": Helper(
        """// patternOf returns the number of each text: equal ones have the number of the first.
func patternOf(texts []string) string {
	numbers := make(map[string]int)
	pattern := make([]string, len(texts))
	for i, text := range texts {
		if _, isKnown := numbers[text]; !isKnown {
			numbers[text] = len(numbers)
		}
		pattern[i] = strconv.Itoa(numbers[text])
	}
	return strings.Join(pattern, " ")
}""",
        frozenset({"strconv", "strings"}),
    ),
    "pointerTo": Helper("func pointerTo[T any](value T) *T { return &value }"),
    "bytesOf": Helper(
        """// bytesOf returns the bytes that hexadecimal digits stand for.
func bytesOf(digits string) []byte {
	data, err := hex.DecodeString(strings.ReplaceAll(digits, " ", ""))
	if err != nil {
		panic(err)
	}
	return data
}""",
        frozenset({"encoding/hex", "strings"}),
    ),
    "documentAt": Helper(
        """// documentAt returns the bytes of a file beside this one.
func documentAt(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}""",
        frozenset({"os", "testing"}),
    ),
    "endsWell": Helper(
        """// endsWell performs the steps in a process of its own, and fails where it does not end well.
func endsWell(t *testing.T, why string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), SECONDS*time.Second)
	defer cancel()
	child := exec.CommandContext(ctx, os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), "DRIFTCHECK_CHILD=1")
	child.WaitDelay = time.Second
	output, err := child.CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("the steps did not end within SECONDS seconds; %s", why)
	}
	if err == nil && strings.Contains(string(output), "all steps ended") {
		return
	}
	if len(output) > 4096 {
		output = output[:4096]
	}
	t.Fatalf("the process of the steps ended early (%v); %s\\n%s", err, why, output)
}""",
        frozenset({"context", "os", "os/exec", "strings", "testing", "time"}),
    ),
}

SDK_NAMES = {
    "Library": Helper(
        """// driftcheckLibrary marks an error as the library's own.
func driftcheckLibrary(err error) error {
	if err == nil {
		return nil
	}
	return &libraryError{err}
}

type libraryError struct{ err error }

func (e *libraryError) Error() string { return e.err.Error() }
func (e *libraryError) Unwrap() error { return e.err }"""
    ),
    "Broken": Helper(
        """// driftcheckBroken reports a fault of the conversion itself.
func driftcheckBroken(format string, args ...any) error {
	return &brokenError{fmt.Errorf(format, args...)}
}

type brokenError struct{ err error }

func (e *brokenError) Error() string { return e.err.Error() }
func (e *brokenError) Unwrap() error { return e.err }""",
        frozenset({"fmt"}),
    ),
    "ErrUnsupported": Helper(
        """// driftcheckErrUnsupported says that the library cannot do a step.
var driftcheckErrUnsupported = errors.New("the subject does not support this")""",
        frozenset({"errors"}),
    ),
}


def answer_of(schema: Schema, sdk: Collection[str]) -> str:
    """Return the function that says what a step ended with.

    Args:
        sdk: the names of the SDK that the adapter uses.
    """
    cases = []
    if "Broken" in sdk:
        cases.append(
            """	case errors.As(err, new(*brokenError)):
		return "broken: " + err.Error()"""
        )
    if "ErrUnsupported" in sdk:
        cases.append(
            """	case errors.Is(err, driftcheckErrUnsupported):
		return "unsupported\""""
        )
    cases.append(
        """	case errors.As(err, &known):
		return rejectedWith(known.class, known.detail)"""
    )
    catch_all = next((r.name for r in schema.rejections if r.catch_all), None)
    if "Library" in sdk and catch_all is not None:
        cases.append(
            f"""	case errors.As(err, new(*libraryError)):
		return rejectedWith("{catch_all}", nil)"""
        )
    listed = "\n".join(cases)
    return f"""// answerOf says in one line what a step ended with.
func answerOf(value any, err error) string {{
	var known *rejection
	switch {{
	case err == nil:
		return acceptedWith(value)
{listed}
	}}
	return "unmapped: " + err.Error()
}}"""


def rejections(schema: Schema, needed: Collection[str], one_form: GoOneForm) -> list[str]:
    """Return the errors of the contract that are needed, and the functions that make those with a detail."""
    found = []
    for one in schema.rejections:
        name = go_names.exported(one.name)
        if f"Err{name}" in needed:
            found.append(f'var Err{name} = &rejection{{class: "{one.name}"}}')
        if one.detail is not None and name in needed:
            detail = one_form.value(one.detail, "detail")
            found.append(
                f"// {name} rejects a step with a detail.\n"
                f"func {name}(detail {go_type(one.detail)}) error {{\n"
                f'return &rejection{{class: "{one.name}", detail: {detail}}}\n}}'
            )
    return found
