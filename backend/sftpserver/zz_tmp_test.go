package sftpserver
import ("testing";"time";"os";"fmt";"path/filepath")
func TestZZ(t *testing.T){
 r := start(t, newWorld(), Limits{})
 o := r.outsider(t, "ann")
 f,_:=os.Create(filepath.Join(o.dir,"big")); f.Truncate(256<<20); f.Close()
 for range 3 {
 s:=time.Now(); o.must("put big"); fmt.Println("put", 256/time.Since(s).Seconds(),"MB/s")
 s=time.Now(); o.must("get big back"); fmt.Println("get", 256/time.Since(s).Seconds(),"MB/s")
 }
}
