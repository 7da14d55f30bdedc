using Queued.Cli.Tests.Scripted;

namespace Queued.Cli.Tests;

public sealed class InputErrorTests
{
    [Theory]
    [InlineData("submit echo -", "cannot read standard input: It is a folder.")]
    [InlineData("exec -- cat", "cannot read standard input: It is a folder.")]
    [InlineData("map echo", "cannot read the input: It is a folder.")]
    public async Task Input_that_cannot_be_read_is_a_mistake_of_the_caller(string line, string expected)
    {
        Answer answer = await RunAsync(line, new IOException("It is a folder."));
        Assert.Equal(new Answer(ExitCode.Usage, "", $"queuectl: {expected}\n"), answer);
    }

    [Theory]
    [InlineData("submit echo -", ExitCode.Failed)]
    [InlineData("exec -- cat", ExitCode.ExecFailed)]
    public async Task What_nobody_expected_is_told_in_one_line_and_has_an_exit_code(string line, int exitCode)
    {
        Answer answer = await RunAsync(line, new InvalidOperationException("Broken."));
        Assert.Equal(new Answer(exitCode, "", "queuectl: InvalidOperationException: Broken.\n"), answer);
    }

    private static async Task<Answer> RunAsync(string line, Exception error)
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        return await Invocation.RunAsync(
            ["--address", daemon.Address, .. line.Split(' ')], FakeTerminal.Of(new BrokenInput(error)));
    }
}
