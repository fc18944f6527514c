package main

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"
)

// The samples of each step by runtime, printed as medians and as the ratio of the first runtime to the second.
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

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := append([]float64(nil), values...)
	sort.Float64s(sorted)
	return sorted[len(sorted)/2]
}

func (t *table) print(first, second string) {
	fmt.Printf("%-32s %12s %12s %8s %6s\n", "median", first, second, "ratio", "unit")
	for _, step := range t.order {
		a, b := median(t.samples[step][first]), median(t.samples[step][second])
		ratio := "-"
		if a > 0 && b > 0 {
			ratio = fmt.Sprintf("%.2f", a/b)
		}
		fmt.Printf("%-32s %12.2f %12.2f %8s %6s\n", step, a, b, ratio, t.units[step])
	}
}

// busySeconds is the CPU time of the whole machine, user and system.
func busySeconds() float64 {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	fields := strings.Fields(strings.SplitN(string(stat), "\n", 2)[0])
	ticks := 0.0
	for _, i := range []int{1, 2, 3, 6, 7} {
		n, _ := strconv.ParseFloat(fields[i], 64)
		ticks += n
	}
	return ticks / 100
}
