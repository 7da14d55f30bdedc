using System.Text.Json;
using Queued.Worker.Chunks;

namespace Queued.Worker.Tests;

/// <summary>What the result of a chunk looks like.</summary>
public sealed class ChunkTests
{
    [Theory]
    [InlineData("[]", "[]", true)]
    [InlineData("[1, 2,3]", """["1 &","2 &","3 &"]""", true)]
    [InlineData("[1,2,-3,4]", """[{"ok":"1 &"},{"ok":"2 &"},{"error":"-3"},{"ok":"4 &"}]""", false)]
    [InlineData("[-1,2]", """[{"error":"-1"},{"ok":"2 &"}]""", false)]
    [InlineData("[-1,-2]", """[{"error":"-1"},{"error":"-2"}]""", false)]
    public async Task Results_stand_alone_until_an_input_fails(string inputs, string expected, bool isPlain)
    {
        var result = await RunAsync(inputs);

        using var json = JsonDocument.Parse(result.Data);
        var items = json.RootElement.EnumerateArray().Select(item =>
            item.ValueKind == JsonValueKind.Object && item.TryGetProperty("error", out var error)
                ? $$"""{"error":"{{error.GetProperty("message").GetString()}}"}"""
                : item.GetRawText().Replace("\\u0026", "&", StringComparison.Ordinal));
        Assert.Equal(expected, $"[{string.Join(',', items)}]");
        Assert.Equal(isPlain, ChunkPayload.IsPlain(result.ContentType));
        Assert.True(ChunkPayload.IsChunk(result.ContentType));
        Assert.NotNull(ChunkPayload.ReadElapsed(result.ContentType));
    }

    [Fact]
    public async Task A_result_that_breaks_off_fails_the_chunk() => await Assert.ThrowsAsync<FormatException>(
        () => ChunkRun.RunAsync<int>("[1,2]"u8.ToArray(), WriteHalf, _ => Task.FromResult(1), CancellationToken.None));

    private static void WriteHalf(Utf8JsonWriter writer, int output)
    {
        writer.WriteStartObject();
        throw new FormatException("half");
    }

    private static Task<TaskPayload> RunAsync(string inputs) => ChunkRun.RunAsync(
        System.Text.Encoding.UTF8.GetBytes(inputs),
        (writer, output) => writer.WriteStringValue(output),
        async input =>
        {
            var number = JsonSerializer.Deserialize<int>(input.Span);
            if (number % 2 == 0)
                await Task.Yield();
            return number < 0 ? throw new InvalidOperationException($"{number}") : $"{number} &";
        },
        CancellationToken.None);
}
