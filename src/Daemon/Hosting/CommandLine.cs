using System.CommandLine;
using System.Reflection;
using Queued.Daemon.Hosting.Configuration;

namespace Queued.Daemon.Hosting;

/// <summary>The verbs of <c>queued</c>.</summary>
internal static class CommandLine
{
    public static string Version { get; } =
        typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
            .InformationalVersion.Split('+')[0];

    public static async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        var root = new RootCommand(
            "queued, a local task-queue daemon. Clients and workers reach it over gRPC; queuectl steers it.")
        {
            Serve(),
            ShowVersion(),
            Config(),
            StoreVerbs.Check(),
            StoreVerbs.Repair(),
            StoreVerbs.Restore(),
        };
        // An argument that begins with @ is an argument, not a file of arguments.
        var result = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (result.Errors.Count > 0)
        {
            foreach (var error in result.Errors)
            {
                await Console.Error.WriteLineAsync($"queued: {error.Message}");
            }

            await Console.Error.WriteLineAsync("queued: try 'queued --help'");
            return ExitCode.Usage;
        }

        // Signals are the daemon's own business, from ShutdownRequests.
        return await result.InvokeAsync(new InvocationConfiguration
        {
            ProcessTerminationTimeout = null,
            EnableDefaultExceptionHandler = false,
        });
    }

    private static Command Serve()
    {
        var command = new Command("serve", "Runs the daemon in the foreground, until SIGTERM or SIGINT.");
        var options = new ConfigurationOptions(command);
        command.SetAction(async (parsed, _) =>
        {
            var isPrivate = options.IsPrivate(parsed);
            using var requests = new ShutdownRequests(isPrivate);
            var configuration = options.Load(parsed);
            return await new DaemonHost(configuration, isPrivate, requests).RunAsync();
        });
        return command;
    }

    private static Command ShowVersion()
    {
        var command = new Command("version", "Prints the version.");
        command.SetAction(_ => Console.Out.WriteLine($"queued {Version}"));
        return command;
    }

    private static Command Config()
    {
        var file = new Argument<string>("FILE") { Description = "The configuration file." };
        var check = new Command("check", "Checks a configuration file and prints every mistake.") { file };
        check.SetAction(parsed =>
        {
            var path = ConfigurationOptions.FullPath(parsed.GetRequiredValue(file), "FILE");
            var loader = new ConfigurationLoader();
            loader.AddFile(path);
            loader.Build();
            Console.Out.WriteLine($"{path}: no mistakes");
        });

        var show = new Command("show", "Prints the configuration that serve would use, as JSON.");
        var options = new ConfigurationOptions(show);
        show.SetAction(parsed => Console.Out.WriteLine(ConfigurationWriter.Write(options.LoadWithPaths(parsed))));

        var schema = new Command("schema", "Prints the JSON schema of the configuration file.");
        schema.SetAction(_ => Console.Out.Write(ConfigurationSchema.Write()));

        return new Command("config", "Checks and shows the configuration.") { check, show, schema };
    }
}
