package main

import (
	"fmt"
	"sort"
	"strconv"
	"time"
)

// The samples of each step by runtime.
type table struct {
	order   []string
	samples map[string]map[string][]float64
	units   map[string]string
}

func newTable() *table {
	return &table{samples: map[string]map[string][]float64{}, units: map[string]string{}}
}

func (t *table) add(step, runtime string, d time.Duration) {
	t.put(step, runtime, float64(d.Microseconds())/1000, "ms")
}

func (t *table) put(step, runtime string, value float64, unit string) {
	if t.samples[step] == nil {
		t.samples[step] = map[string][]float64{}
		t.order = append(t.order, step)
	}
	t.units[step] = unit
	t.samples[step][runtime] = append(t.samples[step][runtime], value)
}

func median(values []float64) float64 { return quantile(values, 0.5) }

func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := append([]float64(nil), values...)
	sort.Float64s(sorted)
	return sorted[int(q*float64(len(sorted)))]
}

// print gives medians and, of enough samples, p99, with the ratios of the first runtime to the second, and what the bare OCI
// runtime and plugins take.
func (t *table) print(first, second, bare string) {
	fmt.Printf("%-36s %10s %10s %6s %10s %10s %6s %10s %5s %s\n",
		"median", first, second, "ratio", "p99", "p99", "ratio", bare, "n", "unit")
	for _, step := range t.order {
		a, b := t.samples[step][first], t.samples[step][second]
		p99 := [3]string{"-", "-", "-"}
		if len(a) >= 20 && len(b) >= 20 {
			x, y := quantile(a, 0.99), quantile(b, 0.99)
			p99 = [3]string{number(x), number(y), ratio(x, y)}
		}
		fmt.Printf("%-36s %10s %10s %6s %10s %10s %6s %10s %5d %s\n", step, number(median(a)), number(median(b)),
			ratio(median(a), median(b)), p99[0], p99[1], p99[2], number(median(t.samples[step][bare])), len(a), t.units[step])
	}
}

func number(value float64) string {
	if value == 0 {
		return "-"
	}
	return strconv.FormatFloat(value, 'f', 2, 64)
}

func ratio(a, b float64) string {
	if a == 0 || b == 0 {
		return "-"
	}
	return number(a / b)
}

// sums adds a line that sums up the medians of others, which it leaves to be seen.
func (t *table) sums(name, unit string, steps ...string) {
	for _, runtime := range []string{crijName, peerName, bareName} {
		total := 0.0
		for _, step := range steps {
			total += median(t.samples[step][runtime])
		}
		if total > 0 {
			t.put(name, runtime, total, unit)
		}
	}
}

// beyond adds a line with what of another the bare runtime and plugins do not explain.
func (t *table) beyond(name, step string) {
	for _, runtime := range []string{crijName, peerName} {
		if bare := median(t.samples[step][bareName]); bare > 0 {
			t.put(name, runtime, median(t.samples[step][runtime])-bare, t.units[step])
		}
	}
}
