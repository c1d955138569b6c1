package blob

import (
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// Address is where a bucket is.
type Address struct {
	Endpoint *url.URL // https, or http on this machine; no path
	Bucket   string
	Prefix   string // "" or with / at its end
	Region   string
}

// Scheme begins the address of a bucket, where a folder could stand too.
const Scheme = "s3://"

var (
	bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	prefixName = regexp.MustCompile(`^([a-zA-Z0-9_-]+/)*[a-zA-Z0-9_-]*$`)
	regionName = regexp.MustCompile(`^[a-zA-Z0-9-]{1,40}$`)
)

// ParseAddress reads s3://bucket/prefix?endpoint=https://host:port&region=name.
// Region is us-east-1 if none is given, as most stores other than Amazon's
// have it. It fails with a sentence for who wrote the address.
func ParseAddress(text string) (a Address, err error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme+"://" != Scheme || u.User != nil || u.Fragment != "" {
		return a, errors.New("the address of a bucket is s3://bucket/prefix?endpoint=https://host&region=name, and holds no key")
	}
	query, err := url.ParseQuery(u.RawQuery)
	for name := range query {
		if err == nil && name != "endpoint" && name != "region" {
			err = errors.New("unknown")
		}
	}
	if err != nil {
		return a, errors.New("after the bucket come endpoint and region, and nothing else")
	}
	a = Address{Bucket: u.Host, Prefix: strings.Trim(u.Path, "/"), Region: query.Get("region")}
	if a.Region == "" {
		a.Region = "us-east-1"
	}
	if !bucketName.MatchString(a.Bucket) || !prefixName.MatchString(a.Prefix) || !regionName.MatchString(a.Region) {
		return a, errors.New("bucket, prefix and region are of letters, digits and -")
	}
	if a.Prefix != "" {
		a.Prefix += "/"
	}
	a.Endpoint, err = endpoint(query.Get("endpoint"))
	return a, err
}

func endpoint(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || strings.Trim(u.Path, "/") != "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("a bucket needs endpoint=https://host, with :port if it is not 443")
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme == "http" && u.Hostname() != "localhost" && !ip.IsLoopback() {
		return nil, errors.New("a bucket on another machine is reached by https only")
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

// Port is where the store answers.
func (a Address) Port() uint16 {
	if port, err := strconv.ParseUint(a.Endpoint.Port(), 10, 16); err == nil {
		return uint16(port)
	}
	if a.Endpoint.Scheme == "http" {
		return 80
	}
	return 443
}

// object is the address of one object.
func (a Address) object(name string) string {
	return a.Endpoint.String() + "/" + a.Bucket + "/" + a.Prefix + name
}

// ReadKeys reads a file of two lines: the key's name and its secret. What is
// in it is in no error.
func ReadKeys(path string) (k Keys, err error) {
	f, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return k, errors.New("the file with the bucket's key cannot be read")
	}
	defer f.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(io.LimitReader(f, 4096))
	words := strings.Fields(string(text))
	if err != nil || len(words) != 2 {
		return k, errors.New("the file with the bucket's key has two lines: the key's name, and its secret")
	}
	return Keys{ID: words[0], Secret: words[1]}, nil
}
