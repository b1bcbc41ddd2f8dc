// Ranges evaluates PromQL over recorded series, with the engine and the storage of Prometheus.
//
// It reads one JSON document from standard input: the time of the first sample and the distance between two, in
// seconds; series in the notation of promtool's tests; queries. It writes, for each query, the series that a range
// query over the whole recording answers.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/tsdb"
)

type input struct {
	Start   int64    `json:"start"`
	Step    int64    `json:"step"`
	Scrapes int64    `json:"scrapes"`
	Series  []string `json:"series"`
	Queries []string `json:"queries"`
}

// point is [seconds since the epoch, value].
type point [2]float64

type line struct {
	Labels map[string]string `json:"labels"`
	Points []point           `json:"points"`
}

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var in input
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "ranges-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	db, err := tsdb.Open(folder, nil, nil, tsdb.DefaultOptions(), nil)
	if err != nil {
		return err
	}
	defer db.Close()
	syntax := parser.NewParser(parser.Options{})
	if err := load(ctx, db, syntax, in); err != nil {
		return err
	}
	answers, err := ask(ctx, db, syntax, in)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(answers)
}

func load(ctx context.Context, db *tsdb.DB, syntax parser.Parser, in input) error {
	appender := db.Appender(ctx)
	for _, text := range in.Series {
		labels, values, err := syntax.ParseSeriesDesc(text)
		if err != nil {
			return err
		}
		for index, value := range values {
			if value.Omitted {
				continue
			}
			at := (in.Start + int64(index)*in.Step) * 1000
			if _, err := appender.Append(0, labels, at, value.Value); err != nil {
				return err
			}
		}
	}
	return appender.Commit()
}

func ask(ctx context.Context, db *tsdb.DB, syntax parser.Parser, in input) ([][]line, error) {
	engine := promql.NewEngine(promql.EngineOpts{
		MaxSamples: 10_000_000,
		Timeout:    time.Minute,
		Parser:     syntax,
		// Prometheus ends a series that a scrape no longer brings; a recording cannot.
		LookbackDelta: time.Duration(in.Step) * time.Second,
	})
	step := time.Duration(in.Step) * time.Second
	start := time.Unix(in.Start, 0)
	end := start.Add(time.Duration(in.Scrapes-1) * step)
	answers := make([][]line, 0, len(in.Queries))
	for _, text := range in.Queries {
		query, err := engine.NewRangeQuery(ctx, db, nil, text, start, end, step)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
		matrix, err := query.Exec(ctx).Matrix()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
		answers = append(answers, lines(matrix))
		query.Close()
	}
	return answers, nil
}

// JSON has no NaN, which histogram_quantile answers where nothing was observed: such points are left out.
func lines(matrix promql.Matrix) []line {
	found := make([]line, 0, len(matrix))
	for _, series := range matrix {
		points := make([]point, 0, len(series.Floats))
		for _, at := range series.Floats {
			if !math.IsNaN(at.F) {
				points = append(points, point{float64(at.T) / 1000, at.F})
			}
		}
		found = append(found, line{Labels: series.Metric.Map(), Points: points})
	}
	return found
}
