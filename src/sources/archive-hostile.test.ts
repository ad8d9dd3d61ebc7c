import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fetchArchive, type SourceLimits } from './index.ts';
import { patchHeader, serviceError, streamOf, tarOf, temporaryDirectory, type TarMember } from './testing.ts';

const symlink = (name: string, linkname: string): TarMember => ({ name, linkname, type: 'symlink' });
const hardlink = (name: string, linkname: string): TarMember => ({ name, linkname, type: 'link' });
const file = (name: string, content = 'evil'): TarMember => ({ name, content });
const whole = await tarOf([file('a', 'x'.repeat(5000)), file('b', 'y')]);
const zeros = (bytes: number) => tarOf([file('zeros', '\0'.repeat(bytes))]);

/** Name, archive, message, limits. */
const refused: [string, Buffer, RegExp, Partial<SourceLimits>?][] = [
  ['a climbing name', await tarOf([file('../victim')]), /"\.\.\/victim".* climbs with \.\./],
  ['a name that climbs late', await tarOf([file('a/../../victim')]), /climbs with \.\./],
  ['an absolute name', await tarOf([file('/etc/victim')]), /"\/etc\/victim".* absolute path/],
  ['a drive letter', await tarOf([file('C:\\victim')]), /drive letter/],
  ['a NUL in a name', await tarOf([{ ...file('x'), pax: { path: 'a\0b' } }]), /NUL/],
  ['a file named as the root', await tarOf([file('.')]), /the root/],
  [
    'an absolute symlink',
    await tarOf([symlink('s', '/etc/passwd')]),
    /"s".* "\/etc\/passwd".* absolute path/,
  ],
  ['a climbing symlink', await tarOf([symlink('d/s', '../../victim')]), /"d\/s".* leads out/],
  [
    'a symlink that climbs through another',
    await tarOf([file('d/e/f'), symlink('d/e/up', '../..'), symlink('s', 'd/e/up/../victim')]),
    /"s".* leads out/,
  ],
  [
    'a symlink that climbs through a later one',
    await tarOf([symlink('s', 'a/b/c/../victim'), symlink('a/b/c', '../..')]),
    /"s".* leads out/,
  ],
  ['a symlink that leaves and comes back', await tarOf([symlink('s', '../inside/x')]), /"s".* leads out/],
  ['a symlink with a NUL', await tarOf([{ ...symlink('s', 'x'), pax: { linkpath: 'a\0b' } }]), /NUL/],
  [
    'an entry below a symlink',
    await tarOf([symlink('s', '.'), file('s/victim')]),
    /"s\/victim".* lies below "s", which is a symbolic link/,
  ],
  [
    'an entry below a symlink to outside',
    await tarOf([symlink('s', '..'), file('s/victim')]),
    /lies below "s"/,
  ],
  [
    'a directory in place of a symlink',
    await tarOf([symlink('s', 'd'), { name: 's/', type: 'directory' }, file('s/victim')]),
    /was a symlink earlier/,
  ],
  ['an entry below a file', await tarOf([file('f'), file('f/g')]), /lies below "f", which is a file/],
  ['a file in place of a directory', await tarOf([file('d/f'), file('d')]), /was a directory earlier/],
  ['a symlink in place of a directory', await tarOf([file('d/f'), symlink('d', '.')]), /was a directory/],
  ['a hardlink to outside', await tarOf([hardlink('h', '../victim')]), /"h".* "\.\.\/victim".* climbs/],
  ['a hardlink to an absolute path', await tarOf([hardlink('h', '/etc/passwd')]), /absolute path/],
  [
    'a hardlink to nothing',
    await tarOf([hardlink('h', 'later'), file('later')]),
    /not in the archive before/,
  ],
  ['a hardlink to itself', await tarOf([file('h'), hardlink('h', './h')]), /hard link to itself/],
  [
    'a hardlink to a directory',
    await tarOf([{ name: 'd', type: 'directory' }, hardlink('h', 'd')]),
    /a directory/,
  ],
  [
    'a hardlink that moves a symlink outwards',
    await tarOf([file('f'), symlink('d/s', '../f'), hardlink('s', 'd/s')]),
    /"s".* leads out/,
  ],
  [
    'a hardlink through a symlink',
    await tarOf([symlink('s', '.'), hardlink('h', 's/victim')]),
    /not in the archive before/,
  ],
  ['a character device', await tarOf([{ name: 'dev', type: 'character-device' }]), /"dev".* is a device/],
  ['a block device', await tarOf([{ name: 'dev', type: 'block-device' }]), /"dev".* is a device/],
  ['a fifo', await tarOf([{ name: 'pipe', type: 'fifo' }]), /"pipe".* named pipe/],
  ['an unknown type', patchHeader(await tarOf([file('s')]), 156, 'S'), /"s".* type that is not supported/],
  ['a sparse file', await tarOf([{ ...file('sparse'), pax: { 'GNU.sparse.major': '1' } }]), /sparse/],
  ['a text', Buffer.from('hello\n'.repeat(500)), /is not a tar archive/],
  ['a short text', Buffer.from('hi'), /is not a tar archive/],
  ['a gzipped text', gzipSync('hello\n'.repeat(500)), /is not a tar archive/],
  ['nothing', Buffer.alloc(0), /is empty/],
  ['bzip2', Buffer.from('BZh91AY&SY'), /not a tar archive but a bzip2/],
  ['xz', Buffer.from('\xfd7zXZ\0\0\x04', 'latin1'), /not a tar archive but an xz/],
  ['zip', Buffer.from('PK\x03\x04rest'), /not a tar archive but a zip/],
  ['a cut off file', whole.subarray(0, 3000), /"a".* cut off/],
  ['a cut off header', whole.subarray(0, 6000), /"a".* cut off/],
  ['a cut off gzip', gzipSync(whole).subarray(0, -20), /cut off: its gzip stream/],
  [
    'a damaged gzip',
    Buffer.concat([gzipSync(whole).subarray(0, 20), Buffer.alloc(99, 7)]),
    /damaged: its gzip/,
  ],
  [
    'garbage behind an entry',
    Buffer.concat([whole.subarray(0, -1024), Buffer.alloc(512, 7)]),
    /"b".* damaged/,
  ],
  [
    'too many entries',
    await tarOf([file('a'), file('b'), file('c')]),
    /"c".* 2 entries \(maxEntries\)/,
    { maxEntries: 2 },
  ],
  ['too many folders in one name', await tarOf([file('a/b/c/d')]), /maxEntries/, { maxEntries: 3 }],
  [
    'a long name',
    await tarOf([file('n'.repeat(101))]),
    /101 bytes; the limit is 100 \(maxPathLength\)/,
    { maxPathLength: 100 },
  ],
  ['a long target', await tarOf([symlink('s', 'n'.repeat(101))]), /maxPathLength/, { maxPathLength: 100 }],
  ['a name that no file system takes', await tarOf([file('n'.repeat(300))]), /too long for the file system/],
  [
    'too many bytes in files',
    whole,
    /"a".* 5000 bytes; the limit is 4000 \(maxTotalBytes\)/,
    { maxTotalBytes: 4000 },
  ],
  [
    'too many bytes of padding',
    Buffer.concat([whole, Buffer.alloc(50_000)]),
    /maxTotalBytes/,
    { maxTotalBytes: 20_000 },
  ],
  [
    'a gzip bomb',
    gzipSync(await zeros(80 * 1024 ** 2), { level: 9 }),
    /1000 times its size \(maxRatio\) at entry "zeros"/,
  ],
  [
    'endless pax headers',
    Buffer.concat(
      Array<Buffer>(400).fill(
        (await tarOf([{ ...file('x'), pax: { c: 'x'.repeat(700) } }])).subarray(0, 1536),
      ),
    ),
    /bytes of headers in a row/,
  ],
];

for (const [name, bytes, message, limits] of refused) {
  test(`${name} is refused`, async (t) => {
    const outside = await temporaryDirectory(t);
    const directory = join(outside, 'inside');
    mkdirSync(directory);
    writeFileSync(join(outside, 'victim'), 'untouched');
    await assert.rejects(
      fetchArchive(streamOf(bytes), directory, limits === undefined ? {} : { limits }),
      serviceError('InvalidSourceArchive', message),
    );
    assert.deepEqual(readdirSync(outside), ['inside', 'victim']);
    assert.equal(readFileSync(join(outside, 'victim'), 'utf8'), 'untouched');
  });
}

test('what packs well but is small is no bomb', async (t) => {
  await fetchArchive(streamOf(gzipSync(await zeros(1024 ** 2))), await temporaryDirectory(t), {
    limits: { maxRatio: 10 },
  });
});
