using System.Text;
using Queued.Daemon.Supervision;

namespace Queued.Daemon.Tests.Supervision;

public sealed class OutputKeptTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("queued-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(500)]
    [InlineData(20_000)]
    public void Tail_is_the_last_whole_lines_however_they_came(int pieceBytes)
    {
        var text = string.Concat(Enumerable.Range(0, 2000).Select(i => $"line {i} with words\n"));
        var tail = new OutputTail();
        foreach (var piece in Encoding.UTF8.GetBytes(text).Chunk(pieceBytes))
            tail.Append(OutputSource.Stdout, piece);

        var kept = tail.ToString();

        Assert.EndsWith(kept, text);
        Assert.StartsWith("line ", kept);
        Assert.InRange(kept.Length, OutputTail.BytesMax - 40, OutputTail.BytesMax);
    }

    [Fact]
    public void Tail_of_little_is_all_of_it()
    {
        var tail = new OutputTail();
        Assert.Equal("", tail.ToString());

        tail.Append(OutputSource.Stdout, "half"u8);
        tail.Append(OutputSource.Stderr, "error\n"u8);
        tail.Append(OutputSource.Stdout, "\xff ok"u8[1..]);

        Assert.Equal("half\nerror\n� ok", tail.ToString());
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(10, 3)]
    [InlineData(10, 100)]
    [InlineData(11, 4)]
    [InlineData(99, 1)]
    [InlineData(100, 7)]
    [InlineData(1000, 100)]
    public void A_commands_output_is_head_tail_and_a_count(int bytesMax, int pieceBytes)
    {
        byte[] written = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];
        var output = new ExecOutput(bytesMax);
        foreach (var piece in written.Chunk(pieceBytes))
            output.Append(piece);

        byte[] expected = bytesMax >= 100 ? written
            : [.. written[..(bytesMax / 2)], .. written[^(bytesMax - (bytesMax / 2))..]];
        Assert.Equal(expected, output.ToArray());
        Assert.Equal(Math.Max(0, 100 - bytesMax), output.DroppedBytes);
    }

    [Fact]
    public void A_kill_counts_as_out_of_memory_only_while_the_kernels_count_has_lately_risen()
    {
        var file = Path.Combine(_directory, "vmstat");
        void Write(int count) => File.WriteAllText(file, $"pgfault 7\noom_kill {count}\n");
        Write(3);
        var watch = new OomWatch(file, Path.Combine(_directory, "none"));
        watch.Tick();
        Assert.False(watch.HasRisen());

        Write(4);
        Assert.True(watch.HasRisen());
        watch.Tick();
        Assert.True(watch.HasRisen());
        watch.Tick();
        Assert.False(watch.HasRisen());
    }
}
