package match

import "slices"

// posting is a word's services with how much it says of each. Words that stand
// in many have bits beside, and those that stand in very many their weights by
// number, so that neither is searched for.
type posting struct {
	list   []uint32
	weight []uint8
	in     set // the services, without their weights
	direct []uint8
}

func newPosting(list []uint32, weight []uint8, of int) *posting {
	p := &posting{list: list, weight: weight, in: set{list: list, n: len(list)}}
	if len(list) > 0 {
		p.in.from, p.in.to = int(list[0]), int(list[len(list)-1])+1
	}
	if of < 4096 {
		return p
	}
	if dense(len(list), of) {
		p.in.list, p.in.bits = nil, bitsOf(list, of)
	}
	if len(list) > of/4 {
		p.direct = make([]uint8, of)
		for i, d := range list {
			p.direct[d] = weight[i]
		}
	}
	return p
}

func (p *posting) size() int {
	if p == nil {
		return 0
	}
	return len(p.list)
}

// cursor reads the weights of services that come in ascending order.
type cursor struct {
	p  *posting
	at int
}

// weight of a service; 0 if the word is not in it. It may only go back after
// rewind.
func (c *cursor) weight(d uint32) uint8 {
	p := c.p
	if p == nil {
		return 0
	}
	if p.direct != nil {
		return p.direct[d]
	}
	step := 1 // gallop
	for c.at < len(p.list) && p.list[c.at] < d {
		if c.at+step < len(p.list) && p.list[c.at+step] <= d {
			c.at += step
			step *= 2
			continue
		}
		if step == 1 {
			c.at++
			continue
		}
		step = 1
	}
	if c.at < len(p.list) && p.list[c.at] == d {
		return p.weight[c.at]
	}
	return 0
}

// rewind puts the cursor before a service.
func (c *cursor) rewind(d uint32) {
	if c.p != nil && c.p.direct == nil {
		c.at, _ = slices.BinarySearch(c.p.list, d)
	}
}
